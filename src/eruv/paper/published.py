"""Published figures (Luo et al., Exploring Relations in Untrimmed Videos).

Goes out: numbers in per cent, as printed in the paper.
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
