"""The part of onigurumacffi that llmmon uses; its own types are private."""

class OnigError(RuntimeError): ...

class Match:
    _begs: tuple[int, ...]
    _ends: tuple[int, ...]

class Pattern:
    def search(self, s: str, start: int = 0) -> Match | None: ...

def compile(pattern: str) -> Pattern: ...  # noqa: A001  # their name
