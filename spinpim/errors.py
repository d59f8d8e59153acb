"""The one exception that a user's input can cause."""


class InputError(ValueError):
    """A mistake in what the user gave, told in a sentence.

    The message says what is wrong, where (``file:key`` or argument), what is accepted and what to do.
    The command line prints it alone, without a traceback, and exits with status 2.
    """
