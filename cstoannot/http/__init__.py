"""What holds for every request, whichever surface it asks: answered here if no view can answer."""
