"""Files whose headers lie about what follows."""

import struct
import zlib


def png(width: int, height: int) -> bytes:
    """A PNG file whose header names a size and whose pixels are cut."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(b"\0" * 100)) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def flac() -> bytes:
    """A FLAC file whose header names 2**36 - 1 samples and that holds none: a quarter of a TiB if it were believed."""
    rate_channels_bits_samples = (48_000 << 44) | (15 << 36) | (2**36 - 1)
    info = struct.pack(">HH", 4096, 4096) + b"\0" * 6 + rate_channels_bits_samples.to_bytes(8, "big") + b"\0" * 16
    return b"fLaC" + b"\x80" + len(info).to_bytes(3, "big") + info
