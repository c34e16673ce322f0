"""Pretraining of the audio encoder on a dataset's own training split, by the ideas of Wav2CLIP and SeLaVi."""
