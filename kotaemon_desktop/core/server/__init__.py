"""The local server: other programs of this computer ask its models and its documents, over OpenAI's interface."""
