"""What several services need to know about English and Chinese text: sentences, words, languages."""
