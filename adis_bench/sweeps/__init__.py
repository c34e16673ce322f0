"""Sweeps: the same pictures with louder, softer and mixed sounds, and how a method's scores move along."""
