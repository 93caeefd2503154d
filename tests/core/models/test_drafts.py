"""Guesses: where they come from, how long they are, and that wrong ones become rare."""

from kotaemon_desktop.core.models.drafts import NoDrafts, PromptLookup


def test_what_followed_the_last_tokens_is_guessed():
    assert PromptLookup([1, 2, 3, 4, 5, 6, 7, 1, 2]).propose(9) == [3, 4]
    assert PromptLookup([1, 2, 3, 4, 5, 6, 7, 1, 2]).propose(1) == [3]
    assert PromptLookup([1, 2, 3, 4]).propose(9) == []
    assert PromptLookup([1]).propose(9) == []
    assert PromptLookup([]).propose(9) == []


def test_three_tokens_that_fit_are_believed_before_two_and_the_later_place_before_the_earlier():
    assert PromptLookup([8, 1, 2, 3, 9, 9, 1, 2, 4, 9, 8, 1, 2]).propose(1) == [3]
    assert PromptLookup([1, 2, 3, 9, 1, 2, 4, 9, 1, 2]).propose(1) == [4]


def test_what_is_written_counts_too():
    ids = [1, 2, 3]
    lookup = PromptLookup(ids)
    assert lookup.propose(4) == []
    ids += [7, 8, 9, 5, 7, 8]
    assert lookup.propose(4) == [9, 5]


def test_right_guesses_grow_and_half_right_ones_are_cut_to_what_was_right():
    lookup = PromptLookup([*range(50), 3, 4])
    sizes = []
    for right in (2, 4, 8, 12, 5):
        sizes.append(len(lookup.propose(99)))
        lookup.learn(sizes[-1], right)
    assert [*sizes, len(lookup.propose(99))] == [2, 4, 8, 12, 12, 5]


def test_wrong_guesses_pause_ever_longer_and_a_right_one_ends_that():
    lookup = PromptLookup([1, 2, 3, 4, 1, 2])

    def guesses(tokens):
        made = 0
        for _ in range(tokens):
            if proposed := lookup.propose(3):
                made += 1
                lookup.learn(len(proposed), 0)
        return made

    assert guesses(96) <= 6
    while not lookup.propose(3):
        pass
    lookup.learn(2, 1)
    assert lookup.propose(3)


def test_nothing_is_a_source_as_well():
    nothing = NoDrafts()
    nothing.learn(0, 0)
    assert nothing.propose(5) == []
