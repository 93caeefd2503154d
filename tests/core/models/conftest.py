"""The tiny models and the hub that the tests of several folders share."""

import sys
from pathlib import Path

sys.path += [str(Path(__file__).parents[2]), str(Path(__file__).parent)]  # hosts import `standin`: spawn hands it on

from loopback_hub import keyring_of_the_test, serve  # noqa: F401
from tiny_models import decoder_folders, encoder_folder, encoder_weights, shared, tokenizer  # noqa: F401
