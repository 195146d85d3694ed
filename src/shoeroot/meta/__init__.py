"""ESP-r META models: read, checked, expanded, written and converted."""
