"""The judgement on a model follows the memory and the speed, and says which of them decided."""

import pytest

from kotaemon_desktop.core.models.fit import Fit, Memory, fitting, needed

GB = 1 << 30


@pytest.mark.parametrize(
    ("needs", "memory", "writes", "fit", "why"),
    [
        (1 * GB, Memory(8 * GB, 12 * GB), 0.0, Fit.WELL, "about 1.0 GB of the 8.0 GB"),
        (1 * GB, Memory(8 * GB, 12 * GB), 20.0, Fit.WELL, "about 1.0 GB of the 8.0 GB"),
        (1 * GB, Memory(8 * GB, 12 * GB), 3.0, Fit.TIGHT, "about 3.0 tokens a second"),
        (6 * GB, Memory(8 * GB, 12 * GB), 0.0, Fit.TIGHT, "little is left"),
        (2 * GB, Memory(8 * GB, 2 * GB), 0.0, Fit.TIGHT, "only 2.0 GB are available now"),
        (9 * GB, Memory(8 * GB, 12 * GB), 20.0, Fit.TOO_BIG, "models may take 8.0 GB"),
    ],
)
def test_the_judgement_and_its_reason(needs, memory, writes, fit, why):
    judged = fitting(needs, memory, writes)
    assert judged.fit is fit
    assert why in judged.why


@pytest.mark.parametrize(
    ("task", "megabytes", "measured"),
    [("generation", 329, 690), ("generation", 500, 1210), ("generation", 786, 1460), ("embedding", 24, 184)],
)
def test_the_estimate_is_near_what_was_measured(task, megabytes, measured):
    assert needed(task, megabytes * 10**6) / 2**20 == pytest.approx(measured, rel=0.25)
