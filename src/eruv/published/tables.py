"""Tables I to VI of the paper and figures of later works, in per cent, as printed.

Works beyond the paper are context only: other protocols, longer pre-training, other networks. They
are pre-trained on UCF101 unless their name says otherwise.
"""

Recalls = tuple[float, ...]

NOT_COMPARABLE = "other protocols: not comparable line by line"

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

# Tables V and VI: recall at 1, 5, 10, 20 and 50 of retrieval, split 1; some give only the first.
TABLE_V: dict[str, Recalls] = {
    "Jigsaw": (19.7, 28.5, 33.5, 40.0, 49.4),
    "OPN": (19.9, 28.7, 34.0, 40.6, 51.6),
    "Büchler": (25.7, 36.2, 42.2, 49.2, 59.5),
    "C3D (random)": (16.7, 27.5, 33.7, 41.4, 53.0),
    "C3D (VCOP)": (12.5, 29.0, 39.0, 50.6, 66.9),
    "C3D (VCP)": (17.3, 31.5, 42.0, 52.6, 67.7),
    "C3D (ERUV)": (25.2, 40.5, 48.3, 57.6, 70.4),
    "R3D (random)": (9.9, 18.9, 26.0, 35.5, 51.9),
    "R3D (VCOP)": (14.1, 30.3, 40.4, 51.1, 66.5),
    "R3D (VCP)": (18.6, 33.6, 42.5, 53.5, 68.1),
    "R3D (ERUV)": (21.4, 35.2, 43.8, 53.1, 68.3),
    "R(2+1)D (random)": (10.6, 20.7, 27.4, 37.4, 53.1),
    "R(2+1)D (VCOP)": (10.7, 25.9, 35.4, 47.3, 63.9),
    "R(2+1)D (VCP)": (19.9, 33.7, 42.0, 50.5, 64.4),
    "R(2+1)D (ERUV)": (22.0, 35.1, 42.6, 51.5, 64.9),
}

TABLE_VI: dict[str, Recalls] = {
    "C3D (random)": (7.4, 20.5, 31.9, 44.5, 66.3),
    "C3D (VCOP)": (7.4, 22.6, 34.4, 48.5, 70.1),
    "C3D (VCP)": (7.8, 23.8, 35.3, 49.3, 71.6),
    "C3D (ERUV)": (8.6, 25.3, 37.0, 53.7, 75.7),
    "R3D (random)": (6.7, 18.3, 28.3, 43.1, 67.9),
    "R3D (VCOP)": (7.6, 22.9, 34.4, 48.8, 68.9),
    "R3D (VCP)": (7.6, 24.4, 36.3, 53.6, 76.4),
    "R3D (ERUV)": (8.6, 24.3, 35.5, 53.0, 75.9),
    "R(2+1)D (random)": (4.5, 14.8, 23.4, 38.9, 63.0),
    "R(2+1)D (VCOP)": (5.7, 19.5, 30.7, 45.8, 67.0),
    "R(2+1)D (VCP)": (6.7, 21.3, 32.7, 49.2, 73.3),
    "R(2+1)D (ERUV)": (9.3, 26.4, 38.5, 51.8, 73.9),
}

# Retrieval by later works, from their own papers.
LATER_UCF101: dict[str, Recalls] = {
    "PRP, R3D": (22.8, 38.5, 46.7, 55.2, 69.1),
    "IIC, R3D": (42.4, 60.9, 69.2, 77.1, 86.5),
    "RSPNet, C3D (Kinetics-400)": (36.0, 56.7, 66.5, 76.3, 87.7),
    "PCL (VCP), R3D-18": (55.1, 71.2, 78.9, 85.5, 92.3),
    "CoCLR": (51.8,),
    "TCLR": (56.1,),
}

# Later works: recognition on UCF101 and on HMDB51; None where none was published.
FINE_TUNING: dict[str, tuple[float, float | None]] = {
    "PRP, C3D": (69.1, 34.5),
    "PRP, R3D": (66.5, 29.7),
    "PRP, R(2+1)D": (72.1, 35.0),
    "Pace, R(2+1)D": (75.9, 35.9),
    "RTT, R3D-18": (77.3, 47.5),
    "IIC, R3D": (74.4, 38.3),
    "RSPNet (Kinetics-400), C3D": (76.7, 44.6),
    "RSPNet (Kinetics-400), R3D-18": (74.3, 41.8),
    "PCL (VCP), C3D": (81.4, 45.2),
    "PCL (VCP), R3D": (81.1, 45.0),
    "PCL (VCP), R3D-18": (83.4, 48.8),
    "TCLR, R3D-18": (82.0, None),
    "CoCLR (Kinetics-400), S3D": (87.9, None),
    "VideoMAE, ViT-B": (91.3, None),
}
