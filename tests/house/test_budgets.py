"""The size budgets count what they say they count."""

from textwrap import dedent

from tests.house.budgets import Source, is_source, read, table


def source_of(text: str, path: str = "competitions/services.py") -> Source:
    return read([(path, dedent(text))])


def over(source: Source) -> set[str]:
    return {line.measure for line in table(source) if line.over}


def test_a_function_is_as_long_as_it_is_without_its_docstring() -> None:
    source = source_of('''
        def stake(amount: int) -> int:
            """Say what is promised.

            At length.
            """
            doubled = amount * 2
            return doubled
    ''')

    assert [function.lines for function in source.functions] == [3]


def test_blocks_nest_and_an_elif_does_not() -> None:
    source = source_of("""
        def walk(rows: list[int]) -> None:
            for row in rows:
                if row == 1:
                    pass
                elif row == 2:
                    with open("x"):
                        pass
                elif row == 3:
                    pass

        def deep(rows: list[int]) -> None:
            with open("x"):
                for row in rows:
                    try:
                        if row:
                            pass
                    except ValueError:
                        pass
    """)

    assert [function.depth for function in source.functions] == [3, 4]


def test_an_argument_or_result_without_a_type_is_counted_and_self_is_not() -> None:
    source = source_of("""
        class Stake:
            def typed(self, amount: int, *more: int, **names: int) -> None: ...
            def without_result(self): ...
            def without_argument(self, amount) -> None: ...
            def without_rest(self, *more) -> None: ...
    """)

    assert [function.typed for function in source.functions] == [
        True,
        False,
        False,
        False,
    ]


def test_only_a_heavy_import_with_its_reason_may_stand_in_a_function() -> None:
    source = source_of("""
        def load() -> None:
            # Takes seconds, and only evaluators need it.
            import torch


            import transformers

            import json  # as a favour
    """)

    assert sorted(source.hidden_imports) == [
        "competitions/services.py:7",
        "competitions/services.py:9",
    ]
    assert "imports inside functions" in over(source)


def test_signals_are_counted_in_domain_code_alone() -> None:
    text = """
        from django.dispatch import receiver
        from django.db.models import signals
        from django.db.models.signals import post_save
    """

    assert len(source_of(text).receivers) == 3
    assert source_of(text, path="common/amounts.py").receivers == []


def test_a_house_within_its_budgets_is_over_nothing() -> None:
    assert over(source_of("def stake() -> None: ...\n")) == set()


def test_one_function_longer_than_a_hundred_lines_is_over() -> None:
    body = "    step = 1\n" * 101

    source = source_of(f"def stake() -> None:\n{body}")

    assert {"functions > 60 lines", "functions > 100 lines"} <= over(source)


def test_one_file_longer_than_six_hundred_lines_is_over() -> None:
    assert "largest file, lines" in over(source_of("x = 1\n" * 601))


def test_tests_and_migrations_are_no_source() -> None:
    assert not is_source("tests/ledger/test_services.py")
    assert not is_source("ledger/migrations/0001_initial.py")
    assert is_source("ledger/services.py")
