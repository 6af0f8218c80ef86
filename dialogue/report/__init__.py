"""The page on what a training brought. No part of a model, so a change of it asks for no training."""
