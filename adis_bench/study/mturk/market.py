"""The two places where HITs can be put up, and a client for each."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from adis_bench.errors import ConfigError, DataError
from adis_bench.printable import printable

REGION = "us-east-1"
"""The only region of Mechanical Turk (protocol.md F)."""
_ATTEMPTS = 10  # ours: botocore waits up to 20 s between two of them, so that throttled calls go on for minutes
DENIED = frozenset(
    {"AccessDenied", "AccessDeniedException", "UnrecognizedClientException", "InvalidSignatureException", "ExpiredTokenException"}
)
"""Codes of errors about credentials."""
_BUSY = frozenset({"Throttling", "ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded", "ServiceFault"})


@dataclass(frozen=True, slots=True)
class Market:
    """Where HITs are put up.

    Attributes:
        name: ``sandbox`` (nothing is paid, only testers look) or ``production``.
        endpoint: of the API; source: protocol.md F.
        workers: site on which workers see a group of HITs.
    """

    name: str
    endpoint: str
    workers: str

    @property
    def where(self) -> str:
        """For sentences."""
        return "in production" if self.name == "production" else f"in the {self.name}"


SANDBOX = Market("sandbox", "https://mturk-requester-sandbox.us-east-1.amazonaws.com", "https://workersandbox.mturk.com")
PRODUCTION = Market("production", "https://mturk-requester.us-east-1.amazonaws.com", "https://worker.mturk.com")


def open_client(market: Market) -> Any:
    """A boto3 client with the user's own credentials, from wherever boto3 takes them; nothing of them is kept or shown.

    Raises:
        ConfigError: boto3 isn't installed, or its configuration is broken.
    """
    try:
        import boto3
        from botocore.config import Config
    except ImportError as error:
        raise ConfigError(f"`study publish` needs boto3 ({error}): pip install 'adis-bench[mturk]'") from error
    with told(market):
        config = Config(retries={"mode": "standard", "max_attempts": _ATTEMPTS})
        return boto3.client("mturk", region_name=REGION, endpoint_url=market.endpoint, config=config)


@contextmanager
def told(market: Market) -> Iterator[None]:
    """Turn what boto3 raises into one line.

    Raises:
        ConfigError: no credentials, or not the right ones; or boto3's configuration is wrong otherwise.
        DataError: Mechanical Turk refused, is busy, or can't be reached; or the request has something that it never takes.
    """
    from botocore.exceptions import (
        BotoCoreError,
        ClientError,
        ConnectionError,
        HTTPClientError,
        NoCredentialsError,
        ParamValidationError,
        PartialCredentialsError,
    )

    try:
        yield
    except (NoCredentialsError, PartialCredentialsError) as error:
        raise ConfigError(
            "no AWS credentials found; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, for an account that is linked to "
            "Mechanical Turk (adis-bench never stores them)"
        ) from error
    except ClientError as error:
        raise _refusal(market, error) from error
    except (HTTPClientError, ConnectionError) as error:
        raise DataError(f"Mechanical Turk ({market.name}) cannot be reached: {printable(str(error))}; then run the same again") from error
    except ParamValidationError as error:
        lines = printable("; ".join(str(error).splitlines()))
        raise DataError(f"Mechanical Turk ({market.name}) takes no such request, and it wasn't sent: {lines}") from error
    except BotoCoreError as error:
        raise ConfigError(f"boto3 cannot ask Mechanical Turk ({market.name}): {printable(str(error))}; mend its configuration") from error


def error_code(error: Any) -> str:
    """Mechanical Turk's own code of a ClientError where it has one, like AWS.MechanicalTurk.HitAlreadyExists, else that of AWS."""
    return str(error.response.get("TurkErrorCode") or error.response.get("Error", {}).get("Code", ""))


def _refusal(market: Market, error: Any) -> ConfigError | DataError:
    code = error.response.get("Error", {}).get("Code", "")
    message = printable(str(error.response.get("Error", {}).get("Message") or error.response.get("Message") or error_code(error)))
    where = f"Mechanical Turk ({market.name})"
    if code in DENIED:
        return ConfigError(f"{where} doesn't accept these credentials for {error.operation_name}: {message}")
    if code in _BUSY:
        return DataError(f"{where} is busy ({error.operation_name}: {message}); run the same again in some minutes, it goes on from here")
    return DataError(f"{where} refused {error.operation_name}: {message}; nothing was lost, mend it and run the same again")
