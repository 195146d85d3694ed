"""A small META model, and variations of it."""

SMALL = """\
*silent_input
*title,A small model
*start_zone,room
*shape,box
*origin,0,0,0
*size,4,3,2.5
*surface,front,wall,0,0,0
*surface,right,wall,0,0,0
*surface,back,wall,0,0,0
*surface,left,wall,0,0,0
*surface,top,roof,0,0,0
*surface,base,floor,4,1,0
*end_zone
*end
"""


def small(*lines, at="*end_zone", instead=None):
    """The small model with lines put before one of its own, or instead of it."""
    text = "".join(f"{line}\n" for line in lines)
    if instead:
        return SMALL.replace(f"{instead}\n", text)
    return SMALL.replace(f"{at}\n", f"{text}{at}\n")
