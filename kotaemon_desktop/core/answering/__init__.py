"""The steps between passages and an answer: route, prompt, extract, cite."""
