"""The reference ADIS model: networks, losses, audio encoder, objective and trainer."""
