"""Labels from sound: YAMNet's scores, and the suite's map from its 521 classes to the paper's eight categories."""
