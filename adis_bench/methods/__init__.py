"""Methods: the protocol, the controls, and folders of images made elsewhere."""
