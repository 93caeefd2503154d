"""Answers sums by itself: a question that is nothing but arithmetic needs neither the documents nor a model."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from decimal import Context, Decimal, DecimalException, DivisionByZero, InvalidOperation, Overflow

_LONGEST = 200  # characters of a question
_LARGEST_POWER = 4096
_SHOWN = 12  # significant digits of a result that does not end
_EXACT = Context(prec=28, traps=[InvalidOperation, DivisionByZero, Overflow])
_SHORT = Context(prec=_SHOWN)

_ASKS = re.compile(
    r"^(?:what(?:'?s| is| does)|how much is|calculate|compute|work out)\s+|^(?:请)?(?:计算|算)(?:一下|下)?[:：]?\s*",
    re.IGNORECASE,
)
_ASKS_AFTER = re.compile(r"\s*(?:equals?|=\s*[?？]?|(?:等于|是|得)(?:多少|几)|[?？])[\s.?？。]*$", re.IGNORECASE)
# From words and typographic signs to Python's own.
_SIGNS = tuple(
    (re.compile(pattern, re.IGNORECASE), sign)
    for pattern, sign in (
        (r"(?<=\d),(?=\d{3}(?!\d))", ""),
        (r"(?<=\d)(?:\s*%|\s+percent)\s*of\s+", "/100*"),
        (r"(\d+(?:\.\d+)?)\s*的\s*(\d+(?:\.\d+)?)\s*[%％]", r"\2/100*\1"),
        (r"(?<=\d)\s*[%％](?!\s*[\d(])", "/100"),
        (r"\s(?:times|multiplied by)\s|乘以|乘|[×✕＊]|(?<=[\d)])\s*x\s*(?=[\d(])", "*"),
        (r"\s(?:divided by|over)\s|除以|[÷／]", "/"),
        (r"\splus\s|加上?|＋", "+"),
        (r"\sminus\s|减去?|[−－–]", "-"),
        (r"\sto the power of\s|\^", "**"),
        (r"(?:the )?square root of\s+(\d+(?:\.\d+)?)|√\s*(\d+(?:\.\d+)?)|(\d+(?:\.\d+)?)\s*的平方根", r"sqrt(\1\2\3)"),
        (r"的\s*(\d+)\s*次方", r"**\1"),
        ("（", "("),
        ("）", ")"),
    )
)
_SUM = re.compile(r"(?:[\d.+\-*/()\s]|(?<=\d)e[+-]?\d{1,3}(?!\d)|sqrt(?=\())+", re.IGNORECASE)
_AMBIGUOUS = re.compile(r"\d+\s*-\s*\d+|\d+/\d+(?:/\d+)?")  # 2019-2020, 24/7, 9/11/2001
_MEANT = re.compile(r"[=＝]|calculate|compute|work out|how much|计算|算|等于", re.IGNORECASE)
_YEAR = re.compile(r"(?:19|20)\d\d")

_OPERATIONS: dict[type[ast.operator], Callable[[Decimal, Decimal], Decimal]] = {
    ast.Add: _EXACT.add,
    ast.Sub: _EXACT.subtract,
    ast.Mult: _EXACT.multiply,
    ast.Div: _EXACT.divide,
}


def calculate(question: str) -> str | None:
    """Return ``sum = result`` where ``question`` is a sum and nothing else, in English, Chinese or signs; else None."""
    bare = question.strip()[: _LONGEST + 1]
    text = _ASKS_AFTER.sub("", _ASKS.sub("", bare, count=1), count=1).strip()
    if len(bare) > _LONGEST or (_AMBIGUOUS.fullmatch(text) and not _is_meant(bare)):
        return None
    for pattern, sign in _SIGNS:
        text = pattern.sub(sign, text)
    if not _SUM.fullmatch(text):
        return None
    try:
        body = ast.parse(text.strip(), mode="eval").body
        if isinstance(body, ast.Constant | ast.UnaryOp):
            return None  # a number alone asks nothing
        value = _value(body)
        return f"{_written(ast.unparse(body))} = {_shown(value)}" if value.is_finite() else None
    except (SyntaxError, ValueError, DecimalException, RecursionError):
        return None


def _is_meant(question: str) -> bool:
    """Whether digits around a dash or a slash are a sum, not a date, a range or the number of something."""
    if _MEANT.search(question):
        return True
    return re.search(r"\d\s+[-/]\s+\d", question) is not None and not _YEAR.search(question)


def _value(node: ast.expr) -> Decimal:
    """Return what a Python expression of numbers is worth. Raises ValueError for any other, DecimalException."""
    match node:
        case ast.Constant(value=int() | float() as number):
            return Decimal(str(number))
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=operand):
            value = _value(operand)
            return -value if isinstance(sign, ast.USub) else value
        case ast.BinOp(op=ast.Pow(), left=left, right=right):
            exponent = _value(right)
            if abs(exponent) > _LARGEST_POWER:
                raise ValueError(exponent)
            return _EXACT.power(_value(left), exponent)
        case ast.BinOp(op=operator, left=left, right=right) if type(operator) in _OPERATIONS:
            return _OPERATIONS[type(operator)](_value(left), _value(right))
        case ast.Call(func=ast.Name(id="sqrt"), args=[operand]):
            return _EXACT.sqrt(_value(operand))
        case _:
            raise ValueError(ast.dump(node))


def _written(expression: str) -> str:
    """Return the sum as people write it, so that they see what was understood."""
    for python, sign in ((" ** ", "^"), ("*", "×"), ("/", "÷"), ("-", "−"), ("sqrt(", "√(")):
        expression = expression.replace(python, sign)
    return expression


def _shown(value: Decimal) -> str:
    """Return ``value`` with thousands separated and without zeros that say nothing."""
    if value != value.to_integral_value():
        value = _SHORT.plus(value)
    if value and not -7 <= value.adjusted() < _EXACT.prec:
        return f"{_SHORT.plus(value).normalize():e}"
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
