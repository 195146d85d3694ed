"""Sites: urban extents, what surrounds them, and the stocks that stand in them."""
