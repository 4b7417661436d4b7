"""What LaTeX commands and unicode characters stand for in a formula: tables, and nothing that reads them."""

from __future__ import annotations

from typing import Literal

Kind = Literal["letter", "number", "open", "close", "op", "bar", "compare", "rel", "break", "script", "mark", "font",
               "accent", "frac", "d", "method", "bad", "end"]  # fmt: skip


GREEK_NAMES = {
    chr(code): name
    for name, code in (
        ("alpha", 0x3B1), ("beta", 0x3B2), ("gamma", 0x3B3), ("delta", 0x3B4), ("epsilon", 0x3B5), ("eta", 0x3B7),
        ("theta", 0x3B8), ("lambda", 0x3BB), ("mu", 0x3BC), ("nu", 0x3BD), ("xi", 0x3BE), ("pi", 0x3C0),
        ("rho", 0x3C1), ("sigma", 0x3C3), ("tau", 0x3C4), ("phi", 0x3C6), ("psi", 0x3C8), ("omega", 0x3C9),
        ("Delta", 0x394), ("Sigma", 0x3A3),
    )
}  # fmt: skip

FONTS = frozenset(
    """
    boldsymbol mathbf bm pmb vec mathrm text textbf textit textrm textsf texttt mathit mathsf mathtt mathcal
    mathscr mathbb mathbbm mathfrak mathnormal operatorname mathop mathbin bold symbf symbfit symbfup
    overrightarrow mbox hbox textnormal underline emph ensuremath underbrace overbrace bf rm it cal mathds boxed
    symbol
    """.split()  # noqa: SIM905
)
ACCENTS = {"hat": "hat", "widehat": "hat", "bar": "bar", "overline": "bar", "tilde": "tilde", "widetilde": "tilde",
            "dot": "dot", "check": "check"}  # fmt: skip
COMBINING = {"\u0302": "hat", "\u0304": "bar", "\u0305": "bar", "\u0303": "tilde", "\u0307": "dot", "\u030c": "check"}
NOTHING = frozenset(
    """
    left right big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr Biggl Biggr bigm middle displaystyle textstyle
    scriptstyle limits nolimits nonumber notag quad qquad enspace thinspace enskip space mathstrut strut null
    hfill centering large Large small
    """.split()  # noqa: SIM905
)
COMMANDS: dict[str, tuple[Kind, str]] = {
    "cdot": ("op", "·"), "cdotp": ("op", "·"), "bullet": ("op", "·"), "times": ("op", "×"), "ast": ("op", "*"),
    "odot": ("op", "⊙"), "circ": ("op", "⊙"), "otimes": ("op", "⊗"), "div": ("op", "/"),
    "partial": ("d", "∂"), "Vert": ("bar", "‖"), "lVert": ("bar", "‖"), "rVert": ("bar", "‖"), "|": ("bar", "‖"),
    "Vertl": ("bar", "‖"), "vert": ("bar", "|"), "lvert": ("bar", "|"), "rvert": ("bar", "|"),
    "parallel": ("bar", "‖"),
    "{": ("open", "\\{"), "}": ("close", "\\}"), "lbrace": ("open", "\\{"), "rbrace": ("close", "\\}"),
    "lbrack": ("open", "["), "rbrack": ("close", "]"), "lparen": ("open", "("), "rparen": ("close", ")"),
    "top": ("mark", "T"), "intercal": ("mark", "T"), "transp": ("mark", "T"), "trans": ("mark", "T"),
    "tran": ("mark", "T"), "T": ("mark", "T"), "prime": ("mark", "'"),
    "frac": ("frac", "frac"), "dfrac": ("frac", "frac"), "tfrac": ("frac", "frac"), "cfrac": ("frac", "frac"),
    "gt": ("compare", ">"), "lt": ("compare", "<"), "ge": ("compare", "≥"), "geq": ("compare", "≥"),
    "geqslant": ("compare", "≥"), "le": ("compare", "≤"), "leq": ("compare", "≤"), "leqslant": ("compare", "≤"),
    "ne": ("compare", "≠"), "neq": ("compare", "≠"),
    "leftarrow": ("rel", "="), "gets": ("rel", "="), "equiv": ("rel", "="), "triangleq": ("rel", "="),
    "coloneqq": ("rel", "="), "coloneq": ("rel", "="), "doteq": ("rel", "="), "eqqcolon": ("rel", "="),
    "Rightarrow": ("break", "⇒"), "implies": ("break", "⇒"), "Longrightarrow": ("break", "⇒"), "cr": ("break", "\\\\"),
    "ell": ("letter", "l"), "_": ("script", "_"), "*": ("op", "*"),
}  # fmt: skip
CHARS: dict[str, tuple[Kind, str]] = {
    "·": ("op", "·"), "⋅": ("op", "·"), "∙": ("op", "·"), "•": ("op", "·"), "×": ("op", "×"), "*": ("op", "*"),
    "∗": ("op", "*"), "@": ("op", "@"), "⊙": ("op", "⊙"), "∘": ("op", "⊙"), "◦": ("op", "⊙"), "○": ("op", "⊙"),
    "⊗": ("op", "⊗"), "+": ("op", "+"), "-": ("op", "-"), "−": ("op", "-"), "–": ("op", "-"), "/": ("op", "/"),
    "∕": ("op", "/"), "⁄": ("op", "/"), "÷": ("op", "/"), ",": ("op", ","), ";": ("op", ";"), ".": ("op", "."),
    "=": ("rel", "="), ":": ("rel", "="), "≡": ("rel", "="), "←": ("rel", "="), "≔": ("rel", "="), "≜": ("rel", "="),
    "⇒": ("break", "⇒"), "⟹": ("break", "⇒"),
    "(": ("open", "("), "[": ("open", "["), "{": ("open", "{"), ")": ("close", ")"), "]": ("close", "]"),
    "}": ("close", "}"), "|": ("bar", "|"), "∣": ("bar", "|"), "‖": ("bar", "‖"), "∥": ("bar", "‖"),
    ">": ("compare", ">"), "<": ("compare", "<"), "≥": ("compare", "≥"), "≤": ("compare", "≤"), "≠": ("compare", "≠"),
    "^": ("script", "^"), "_": ("script", "_"), "'": ("mark", "'"), "’": ("mark", "'"), "′": ("mark", "'"),
    "⊤": ("mark", "T"), "⊺": ("mark", "T"), "∂": ("d", "∂"), "½": ("number", "0.5"),
}  # fmt: skip
SUPERSCRIPTS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁽⁾⁺⁻ᵀᵗ", "0123456789()+-TT", strict=True))
SUBSCRIPTS = dict(zip("₀₁₂₃₄₅₆₇₈₉₍₎₊₋", "0123456789()+-", strict=True))

ENTITIES: dict[str, tuple[Kind, str]] = {
    "lt": ("compare", "<"), "gt": ("compare", ">"), "le": ("compare", "≤"), "ge": ("compare", "≥"),
    "middot": ("op", "·"), "times": ("op", "×"), "part": ("d", "∂"), "minus": ("op", "-"),
}  # fmt: skip
PAIRS: tuple[tuple[str, Kind, str], ...] = (
    (":=", "rel", "="), ("==", "rel", "="), ("<-", "rel", "="), ("=>", "break", "⇒"),
    (">=", "compare", "≥"), ("<=", "compare", "≤"), ("!=", "compare", "≠"),
)  # fmt: skip
