"""Into the Wild: the paper's videos, which come as a list of ids; who has the files cuts them as the paper did."""
