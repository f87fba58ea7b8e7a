"""What programs may change: policies judged, calls held for a person, kill switches."""
