"""Published figures (Luo et al., Exploring Relations in Untrimmed Videos), Tables I to IV.

Goes out: numbers in per cent, as printed in the paper. Tables V and VI are in
`published_retrieval`; figures of works beyond the paper in `ladder`.
"""

# Table I: relation classification with C3D on THUMOS14 validation; overall and each relation.
TABLE_I_OVERALL = 66.7
TABLE_I = {
    "C_S": 71.2,
    "C_V": 89.3,
    "C_D": 84.5,
    "C_R": 76.2,
    "P_I": 50.5,
    "P_D": 44.3,
    "P_S": 48.5,
}

# Table II: C3D, pre-trained on THUMOS14 with some of the relations, fine-tuned on UCF101 split 1.
TABLE_II_RANDOM = 62.1
TABLE_II: dict[tuple[str, ...], float] = {
    ("C_S", "C_D"): 65.0,
    ("C_S", "C_R"): 66.3,
    ("C_S", "C_V"): 67.9,
    ("C_S", "C_V", "C_D", "C_R"): 68.8,
    ("P_D", "P_S"): 66.0,
    ("P_I", "P_S"): 65.0,
    ("P_I", "P_D"): 65.4,
    ("P_I", "P_D", "P_S"): 66.4,
    ("C_S", "C_V", "C_D", "C_R", "P_I", "P_D", "P_S"): 70.4,
}

# Table III: C3D, fine-tuned on UCF101 split 1; pre-trained on UCF101 and on THUMOS14.
TABLE_III: dict[str, tuple[float, float]] = {
    "VCOP": (66.7, 64.9),
    "VCP": (69.7, 68.7),
    "ERUV": (71.2, 70.4),
}

# Table IV: recognition on UCF101 and on HMDB51, mean of three splits.
TABLE_IV: dict[str, tuple[float, float]] = {
    "Jigsaw": (51.5, 22.5),
    "OPN": (56.3, 22.1),
    "Büchler": (58.6, 25.0),
    "Mas": (58.8, 32.6),
    "3D ST-puzzle": (65.0, 31.3),
    "C3D (random)": (61.8, 24.7),
    "C3D (VCOP)": (65.6, 28.4),
    "C3D (VCP)": (68.5, 32.5),
    "C3D (ERUV)": (69.6, 33.7),
    "R3D (random)": (54.5, 23.4),
    "R3D (VCOP)": (64.9, 29.5),
    "R3D (VCP)": (66.0, 31.5),
    "R3D (ERUV)": (68.8, 31.6),
    "R(2+1)D (random)": (55.8, 22.0),
    "R(2+1)D (VCOP)": (72.4, 30.9),
    "R(2+1)D (VCP)": (66.3, 32.2),
    "R(2+1)D (ERUV)": (68.4, 31.9),
}
