"""The errors that a user can mend: what is wrong, where, how many, and what to do."""

import errno


class AdisBenchError(Exception):
    """Base of every error that is printed as one line, without a traceback; exit code 2."""


class ConfigError(AdisBenchError):
    """An unknown name, or an option, preset or plug-in that does not fit."""


class DataError(AdisBenchError):
    """A dataset, image, sound, manifest or output folder that cannot be used as it is."""


class WeightsError(AdisBenchError):
    """A checkpoint or weight file that is missing, damaged or of another model."""


class IncompleteRunError(AdisBenchError):
    """A run that lacks parts which the command needs."""


_STORAGE_ERRORS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.ENAMETOOLONG})


def is_storage_error(error: BaseException) -> bool:
    """Whether an error says that a folder is full, read-only or not ours: the user can mend it, and a retry can't."""
    return isinstance(error, OSError) and error.errno in _STORAGE_ERRORS
