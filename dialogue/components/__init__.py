"""What reads a parent's words: the topic (`topic_classifier`) and what parents say about themselves (`about_parent`)."""
