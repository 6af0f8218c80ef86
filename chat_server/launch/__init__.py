"""Installing, training, starting and stopping the product on one machine."""
