"""Sampling: each limit by itself, on distributions small enough to check by hand."""

import numpy as np
import pytest

from kotaemon_desktop.core.models.sampling import Sampler, Sampling, _nucleus

CHANCES = np.array([0.5, 0.25, 0.15, 0.07, 0.03])
LOGITS = np.log(CHANCES).astype(np.float32)


def counts(sampling, logits=LOGITS, draws=4000):
    sampler = Sampler(sampling)
    return np.bincount([sampler.pick(logits) for _ in range(draws)], minlength=len(logits)) / draws


def test_zero_temperature_takes_the_likeliest_and_the_first_of_equals():
    assert Sampler(Sampling()).pick(LOGITS) == 0
    assert Sampler(Sampling()).pick(np.array([1, 3, 3], np.float32)) == 1


def test_temperature_one_draws_as_the_model_says():
    np.testing.assert_allclose(counts(Sampling(temperature=1.0, seed=5)), CHANCES, atol=0.03)


def test_a_higher_temperature_flattens():
    expected = CHANCES**0.5 / (CHANCES**0.5).sum()
    np.testing.assert_allclose(counts(Sampling(temperature=2.0, seed=5)), expected, atol=0.03)


@pytest.mark.parametrize(
    ("sampling", "kept"),
    [
        (Sampling(temperature=1.0, top_k=2, seed=1), 2),
        (Sampling(temperature=1.0, top_p=0.7, seed=1), 2),  # .5 is not enough, .75 is
        (Sampling(temperature=1.0, top_p=0.76, seed=1), 3),
        (Sampling(temperature=1.0, min_p=0.29, seed=1), 3),  # .15 / .5 = .3
        (Sampling(temperature=1.0, top_k=3, top_p=0.5, seed=1), 1),
    ],
)
def test_limits_keep_the_likeliest_in_their_proportions(sampling, kept):
    expected = np.where(np.arange(5) < kept, CHANCES, 0)
    np.testing.assert_allclose(counts(sampling), expected / expected.sum(), atol=0.03)


def test_repetition_penalty_counts_the_prompt_and_leaves_the_logits_alone():
    logits = np.array([2.0, 1.5, -1.0], np.float32)
    sampler = Sampler(Sampling(repetition_penalty=2.0), prompt=[0, 2])
    assert sampler.pick(logits) == 1  # 2.0 became 1.0
    assert sampler.pick(logits) == 0  # now 1.5 became 0.75
    assert logits.tolist() == [2.0, 1.5, -1.0]


def test_the_seed_decides():
    def draw(seed):
        sampler = Sampler(Sampling(temperature=1.0, seed=seed))
        return [sampler.pick(LOGITS) for _ in range(20)]

    assert draw(4) == draw(4) != draw(5)


def test_the_nucleus_of_a_large_vocabulary_is_exact():
    random = np.random.default_rng(0)
    for spread in (0.01, 3.0):  # flat: more than the head is needed; peaked: it is not
        chances = np.exp(random.normal(0, spread, 5000))
        chances /= chances.sum()
        ranked = np.argsort(-chances, kind="stable")
        expected = ranked[: int((chances[ranked].cumsum() < 0.9).sum()) + 1]
        assert _nucleus(chances, 0.9).tolist() == expected.tolist()
