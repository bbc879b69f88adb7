"""How places, methods and networks are called in tables and figures.

Goes out: titles by the names that the code uses.
"""

PLACES = {"untrimmed": "THUMOS14", "ucf101": "UCF101", "hmdb51": "HMDB51"}
LABELLED_PLACES = ("ucf101", "hmdb51")
METHOD_TITLES = {"random": "random", "vcop": "VCOP", "vcp": "VCP", "eruv": "ERUV"}
NETWORK_TITLES = {"c3d": "C3D", "r3d": "R3D", "r2plus1d": "R(2+1)D"}
