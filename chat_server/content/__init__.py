"""The content checker: what is wrong with the words, the examples, the domain and the stories, with file and line."""
