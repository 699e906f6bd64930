"""The program with a reward of every kind and every term of rewards, as the stories play it."""

from pathlib import Path

REWARDS = (
    Path(__file__).parents[2].joinpath("stories/programs/rewards.yaml").read_text(encoding="utf-8")
)
