"""adis-bench: evaluation and benchmarking of audio-driven image stylization."""

__version__ = "0.1.0"
