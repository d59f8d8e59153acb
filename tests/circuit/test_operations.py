import pytest

from spinpim.circuit.operations import find_operation
from spinpim.errors import InputError


@pytest.mark.parametrize(
    ("name", "rows", "truth"),
    [
        ("READ", 1, all),
        ("AND", 1, all),
        ("AND", 2, all),
        ("AND", 3, all),
        ("OR", 2, any),
        ("OR", 3, any),
        ("MAJ", 3, lambda bits: sum(bits) >= 2),
        ("NAND", 2, lambda bits: not all(bits)),
        ("NOR", 3, lambda bits: not any(bits)),
        ("XOR", 2, lambda bits: sum(bits) % 2),
        ("XOR", 3, lambda bits: sum(bits) % 2),
        ("XNOR", 2, lambda bits: not sum(bits) % 2),
    ],
)
def test_answers_are_the_truth_table(name, rows, truth):
    operation = find_operation(name, rows)
    for pattern in operation.patterns:
        assert operation.answer(pattern) == int(truth([symbol == "1" for symbol in pattern]))


def test_patterns_count_up_with_the_first_row_first():
    assert find_operation("and", 2).patterns == ("00", "01", "10", "11")
    assert find_operation("maj", 3).patterns[3] == "011"


@pytest.mark.parametrize(
    ("name", "rows", "sentence"),
    [
        ("ANDD", 2, "Did you mean 'AND'"),
        ("SUM", 2, "Accepted are: READ, AND, NAND, OR, NOR, XOR, XNOR, MAJ"),
        ("XOR", 1, "XOR needs at least 2 rows"),
        (3, 2, "operation 3 is unknown"),
        ("AND", 4, "rows must be a whole number from 1 to 3; instead received 4"),
        ("AND", 0, "rows must be a whole number"),
        ("AND", 2.0, "rows must be a whole number"),
        ("AND", True, "rows must be a whole number"),
        ("AND", float("nan"), "rows must be a whole number"),
        ("READ", 2, "READ senses one row"),
        ("MAJ", 2, "MAJ needs at least 3 rows"),
    ],
)
def test_a_mistaken_operation_is_told_in_a_sentence(name, rows, sentence):
    with pytest.raises(InputError, match=sentence.replace("(", r"\(")):
        find_operation(name, rows)
