"""Test data from elsewhere: any images x any sounds, such as outdoor places and VGG-Sound."""
