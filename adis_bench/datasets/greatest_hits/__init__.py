"""Greatest Hits (Owens et al., 2016): videos of a drumstick that hits and scratches things."""
