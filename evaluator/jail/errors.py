"""The jail's own failure, as an exception inside this package."""


class JailBrokenError(Exception):
    """The jail cannot be built or does not hold; the model is not to blame.

    Args:
        code: stable snake_case word.
        sentence: what is missing, where, and how to mend it.
    """

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
