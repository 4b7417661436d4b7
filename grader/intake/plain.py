"""A student's Markdown, LaTeX or HTML made plain enough to look for numbers in: one spelling for each sign.

Nothing here knows what a matrix or a label is. Private-use characters are free afterwards: `grader.intake.boxes` puts
them where a matrix stood.
"""

from __future__ import annotations

import html
import re
import unicodedata
from typing import Final

ROW: Final = "\x1e"  # a LaTeX line break
SOFT: Final = "\x1f"  # where a formula ends, or a wide space: may part two statements
LONGEST: Final = 15_000  # characters that are read at all

# Before NFKC, which would turn a raised T into a plain one.
_BEFORE: Final = str.maketrans({"ᵀ": "^T", "⊤": "^T", "′": "'", "’": "'", "∗": "*", "·": "*", "⋅": "*", "•": "*"})
_TEN: Final = re.compile(r"(?<=10)[⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,2}")
_RAISED: Final = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")
_AFTER: Final = str.maketrans(
    dict.fromkeys("−‐‑‒﹣", "-")
    | {"×": "*", "÷": "/", "⁄": "/", "∕": "/", "٫": ".", "،": ",", "；": ";"}
    | {"⟵": "←", "⟶": "→", "⟹": "⇒", "≃": "≈", "≅": "≈", "≔": "=", "“": '"', "”": '"', "𝜕": "∂"}
    | dict.fromkeys("⎡⎢⎣⎛⎜⎝⎤⎥⎦⎞⎟⎠⌈⌉⌊⌋│┃║┌┐└┘├┤", " ")
)

# (pattern, what stands for it), in this order. Every pattern is linear: no nested repetition.
_RULES: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), new)
    for pattern, new in (
        (r"<!--.{0,2000}?-->", " "),
        (r"!\[[^\]\n]{0,200}\]\([^)\n]{0,500}\)|<img\b[^>\n]{0,500}>", " "),
        (r"<sup>\s*(?:T|⊤)\s*</sup>", "^T"),
        (r"</?(?:br|p|div|tr|li|h[1-6]|ul|ol|pre|table)\b[^<>\n]{0,200}>", "\n"),
        (r"<t[dh]\b[^<>\n]{0,200}>", " | "),
        (r"</?(?:b|i|u|em|strong|span|font|code|center|td|th|tbody|thead|sub|sup|mark)\b[^<>\n]{0,200}>", " "),
        (r"^[ \t]*(?:```|~~~)[^\n]*$", "\n"),
        (r"\\(?:left|right|[bB]igg?[lr]?)\s*(?=[\[\](){}|.\\])(?:\.)?", " "),
        (r"\\lbrack\b", "["),
        (r"\\rbrack\b", "]"),
        (r"\\[{}]", lambda m: m.group()[1]),
        (r"\\{2,}\s?(?:\[-?[\d.]+ ?(?:pt|em|ex|mm|cm)\])?|\\(?:cr|newline|hline)\b|\\(?=\n)", ROW),
        (r"\\\[|\\\]|\$\$", f"\n{SOFT}"),
        (r"\\\(|\\\)|\$|\\q?quad\b", SOFT),
        (r"\\[,;:!> ]|\\(?:displaystyle|textstyle|limits|nonumber|bf|rm|it|hfill|thinspace|space)\b|(?<!\\)~", " "),
        (r"\\(?:color|tag|label)\s*\{[^{}\n]{0,40}\}|\\textcolor\s*\{[^{}\n]{0,40}\}", " "),
        (r"\\(?:mathbf|mathcal|mathbb|mathrm|mathit|mathsf|mathscr|mathtt|boldsymbol|bm|vec|text|textbf|textit|textrm"
         r"|operatorname|boxed|underline|overline|hat|bar|tilde|fbox|mbox|pmb)(?![a-z])\*?", " "),
        (r"\\(?:cdot|times|ast|cdotp|bullet)\b", "*"),
        (r"\\div\b", "/"),
        (r"(?<=[\d.])[ ]{0,4}[*x][ ]{0,4}10[ ]?\^[ ]?[({]?[ ]?([-+]?\d{1,2})(?!\d)[ ]?[)}]?", r"e\1"),  # 9.2 × 10^1
        (r"\\(?:leftarrow|gets|longleftarrow)\b|⇐|<-{1,4}(?![\d-])", "←"),
        (r"\\(?:rightarrow|to|longrightarrow|mapsto)\b|-{1,4}>", "→"),
        (r"\\(?:Rightarrow|implies|therefore|Longrightarrow)\b|={1,4}>|∴", "⇒"),
        (r"\\(?:approx|simeq|cong|doteq|sim)\b", "≈"),
        (r"\\(?:coloneqq|equiv|triangleq|coloneq)\b|≡|≜|≙", "="),
        (r"\\partial(?![a-z])", "∂"),
        (r"\\nabla(?![a-z])", "∇"),
        (r"\\(?:top|intercal)\b", "T"),
        (r"\\prime\b", "'"),
        (r"\^[ ]?\{[ ]?\^?[ ]?'[ ]?\}|\^[ ]?'", "'"),
        (r"\^[ ]?\{?[ ]{0,2}T[ ]?\}?(?![a-z+])", "^T"),
        (r"\\[dt]?frac[ ]?\{([-+\d.,\s]{1,40})\}[ ]?\{([-+\d.,\s]{1,40})\}", r"(\1)/(\2)"),
        (r"\\[dt]?frac[ ]?(\d)[ ]?(\d)", r"(\1)/(\2)"),
        (r"(?<=\d)\{,\}(?=\d)", ","),
        (r"\*\*|`", " "),
        (r"(?<![\w)\]])\*(?=[^\W\d])|(?<=[^\W\d])\*(?=[\s:.,]|$)|(?<=:)\*", " "),
    )
)  # fmt: skip
# In a displayed formula a line break of the source is a space, as TeX has it.
_DISPLAY: Final = re.compile(r"\$\$[^$]{1,5000}\$\$|\\\[[^\]\[]{1,5000}\\\]")
_ENTITY: Final = re.compile(r"&(?:#\d{1,6}|#x[0-9a-fA-F]{1,5}|[a-zA-Z]{2,10});")
_TABLE_BREAK: Final = re.compile(r"<br\s*/?>", re.IGNORECASE)


def plain(text: str) -> str:
    """`text` with one spelling for each sign: ASCII digits, ``-``, ``*``, ``^T``; markup gone; at most LONGEST long.

    >>> plain("$\\\\mathbf b = −０.1$").strip(SOFT).split()
    ['b', '=', '-0.1']
    """
    text = text[:LONGEST].replace("\r\n", "\n").replace("\r", "\n").translate(_BEFORE)
    text = _TEN.sub(lambda m: f"^{m.group().translate(_RAISED)}", text)
    text = unicodedata.normalize("NFKC", text)[: 2 * LONGEST].translate(_AFTER)
    text = "".join(_plain_char(c) for c in text)
    text = _ENTITY.sub(lambda m: html.unescape(m.group()), text).replace("\xa0", " ").replace("−", "-")
    # A break inside a table's cell parts rows of numbers, not rows of the table.
    text = "\n".join(_TABLE_BREAK.sub(";", line) if "|" in line else line for line in text.split("\n"))
    # A dash is a minus in front of a digit and a colon elsewhere.
    text = re.sub(r"[–](?=[ ]?[\d.])", "-", text)
    text = re.sub(r"[–—―]", ":", text)
    text = re.sub(r"[ ]{9,}", " " * 8, text)
    text = _DISPLAY.sub(lambda m: re.sub(r"(?<!\\)\n", " ", m.group()) if "\\" in m.group() else m.group(), text)
    for pattern, new in _RULES:
        text = pattern.sub(new, text)
    return text


def _plain_char(char: str) -> str:
    if char < "\x7f":
        return char if char >= " " or char in "\n\t" else " "
    category = unicodedata.category(char)
    if category == "Nd":
        return str(unicodedata.decimal(char))
    if category in ("Cf", "Co", "Cn", "Cs", "Cc"):  # invisible, or a character that we need for ourselves
        return ""
    return char
