"""How people name the tables of sheet 000, their rows and their columns.

Patterns are searched in the words of a label (`grader.judges.table_names.words`): lower case, letters and digits apart.
"""

from __future__ import annotations

import re
from typing import Final

from grader.judges.table_spec import Facet, Name

UPDATES: Final = ("1", "2")
KINDS: Final = ("weight", "bias")
ROWS: Final = ("parameter", "gradient", "updated", "loss")
LAYERS: Final = ("L1", "L2", "L3")

_LAYER: Final = (
    r"(?:layers?|hidden layers?|hidden|linear|dense|fc|capas?|schicht|couches?|strato|livello|camada|слой|laag|lager"
    r"|warstwa|katman|lớp|lapisan|[lh]|層|层|레이어)"
)
_ROUND: Final = (
    r"(?:updates?|updating|iterations?|iters?|iteraci[oó]n|itération|schritt|aktualisierung|étape|durchgang|steps?"
    r"|epochs?|pass|rounds?|backprop\w*|actualizaci[oó]n|mises? à jour|aggiornamento|atualização"
    r"|uppdatering(?:en)?|aktualizacja|güncelleme|pembaruan|обновление|업데이트)"
)
_UNITS: Final = r"(?:hidden(?: layer)?|h)"
_INTO: Final = r"(?:→|>|/|to|)(?: the)?"
_WHOLE: Final = r"(?![.,]\d)"  # "loss 1.304" is no first loss
_SYMBOL: Final = r"(?:[∂∇d] ?)?[wb]"


def _name(pattern: str, value: str | None = None, *, weak: bool = False, whole: bool = False) -> Name:
    return Name(re.compile(pattern), value, weak, whole)


UPDATE: Final = Facet(
    "update",
    UPDATES,
    (
        _name(
            rf"\b(?:first|1 st|1 er|1 re|primera?|primer|prima|primeira|erste[rs]?"
            rf"|premi[eè]re?|primo|eerste|första|pierwsz[ay]|birinci|pertama|первое|lần 1)\b(?! (?:hidden )?{_LAYER})",
            "1",
        ),
        _name(
            rf"\b(?:second|2 nd|2 e|2 eme|2 ème|segund[ao]|seconda|zweite[rs]?|deuxi[eè]me"
            rf"|seconde?|secondo|tweede|andra|druga|i̇?kinci|kedua|второе|lần 2)\b(?! (?:hidden )?{_LAYER})",
            "2",
        ),
        _name(r"第 ?(?:一|1) ?(?:次|輪|轮)|\b1 ?回目|첫 ?번째", "1"),
        _name(r"第 ?(?:二|2) ?(?:次|輪|轮)|\b2 ?回目|두 ?번째", "2"),
        _name(rf"\b{_ROUND} (?:one|i)\b", "1"),
        _name(rf"\b{_ROUND} (?:two|ii)\b", "2"),
        _name(rf"\b{_ROUND} ?(?:no|nr|number)?[ .#:=(]*(\d{{1,2}})\b{_WHOLE}"),
        _name(rf"\b(\d{{1,2}})[.:)]? ?{_ROUND}\b"),
        _name(r"\b(?:t|it) ?[=:(]? ?(\d)\b"),
        _name(
            r"\b(?:loss(?:es)?|損失|损失|손실|verlies|strata|kayıp|mất mát|förlust)"
            rf"(?: (?:no|at|for|in|of|before))?[ #(]*(\d)\b{_WHOLE}"
        ),
    ),
    re.compile(r"updates?|iterations?|iters?|steps?|epochs?|rounds?|迭代|次"),
)

KIND: Final = Facet(
    "kind",
    KINDS,
    (
        # both in one label is neither: the value None matches no question
        _name(r"\bweights?\b.*\bbias(?:es)?\b|\bbias(?:es)?\b.*\bweights?\b|\bw\b.{0,3}\bb\b", ""),
        _name(
            r"\bweights?\b|權重|权重|\bpesos?\b|\bpes[oi]\b|\bgewicht\w*|\bpoids\b|\bвеса?\b"
            r"|重み|가중치|\bgewichten\b|\bvikt(?:er)?\b|\bwag[ai]\b|\bağırlık(?:lar)?\b|\btrọng số\b|\bbobot\b",
            "weight",
        ),
        _name(
            r"\bbias(?:es|updates?|aktualisierung)?\b|偏[差置權权值移]|\bsesgos?\b|\bbiais\b|\bvi[eé]s\b|смещени|バイアス|편향|\bsapma\b",
            "bias",
        ),
        _name(r"(?:^|[^\w])d? ?w(?:\b|')", "weight", weak=True),
        _name(r"(?:^|[^\w])d? ?b(?:\b|')", "bias", weak=True),
    ),
    re.compile(r"kinds?|types?|parameter types?|what|weight ?/ ?bias|w ?/ ?b|參數類型"),
)

COLUMN: Final = Facet(
    "column",
    LAYERS,
    (
        _name(rf"\b(?:first|1 st) (?:hidden )?{_LAYER}\b", "L1"),
        _name(rf"\b(?:second|2 nd) (?:hidden )?{_LAYER}\b", "L2"),
        _name(rf"\b(?:third|3 rd|last|final) (?:hidden )?{_LAYER}\b", "L3"),
        _name(r"第 ?[一1] ?[層层]", "L1"),
        _name(r"第 ?[二2] ?[層层]", "L2"),
        _name(r"第 ?[三3] ?[層层]", "L3"),
        _name(r"^layer ?(\d) ?\("),
        # an edge from one layer to the next belongs to the one it leads into
        _name(rf"^(?!layer)(?:from )?(?:the )?(?:inputs?|x)(?: layer)? ?{_INTO} ?{_UNITS}(?: ?1)?$", "L1"),
        _name(rf"^(?!layer)(?:from )?(?:the )?{_UNITS} ?1 ?{_INTO} ?{_UNITS} ?2$", "L2"),
        _name(rf"^(?!layer)(?:from )?(?:the )?{_UNITS} ?2 ?{_INTO} ?(?:the )?(?:outputs?|out|y)(?: layer)?$", "L3"),
        _name(rf"\b{_LAYER} ?(?:no|nr)?[ .#:=(\[]*(\d{{1,2}})\b{_WHOLE}"),
        _name(rf"\b{_LAYER} (?:one|i)\b", "L1"),
        _name(rf"\b{_LAYER} (?:two|ii)\b", "L2"),
        _name(rf"\b{_LAYER} (?:three|iii)\b", "L3"),
        _name(rf"(?:^|[^\w]){_SYMBOL}'? ?[(\[]* ?(\d)\b"),
        _name(r"\boutput\b|\bout\b|輸出層|输出层", "L3"),
    ),
    re.compile(
        r"layers?|capas?|schicht|couches?|strato|camada|слой|laag|lager|warstwa|katman|lớp|lapisan|層|层|레이어|#"
        r"|layer (?:no|number|index|id)"
    ),
)

ROW: Final = Facet(
    "row",
    ROWS,
    (
        # a row that gives the learning rate alone is none of the sheet's
        _name(r"(?:the )?(?:learning rate|lr|η)(?:[ ,(]{0,2}(?:lr|η)\)?)?(?: ?[=:] ?[\d.]+|:)?", "", whole=True),
        _name(
            r"[wbθ] ?\(?t ?\+ ?1|η|\blr\b|\blearning rate\b"
            r"|(?:\bparam\w*|[wbθ]|\bold|\bvalue|\bweight|\bbias)\W*0?\.01\W*(?:grad|∂|∇|d ?[wb]\b|d ?l)",
            "updated",
        ),
        _name(
            r"\bgrad(?:ient)?s?\b|\bderivatives?\b|梯度|\bgradientes?\b|\bgradienti?\b|\bgradienten\b"
            r"|градиент|勾配|기울기|\bgradiënt(?:en)?\b|\bgradyan\b|\bgradien\b"
            r"|∂|∇|\bd ?[wb]\b|\bd ?(?:l|loss|e) ?/ ?d",
            "gradient",
        ),
        _name(r"g(?: ?\(?t\)?)?", "gradient", whole=True),
        _name(
            r"\bloss(?:es)?\b|\bcost\b|\bp[eé]rdida\b|\bverlust\b|\bfehler\b|\bperte\b|\bcoût\b|損失|损失|손실"
            r"|\bverlies\b|\bstrata\b|\bkayıp\b|\bmất mát\b|\bförlust\b",
            "loss",
        ),
        _name(
            r"\b(?:old|before|current|original|initial|previous|alte[rs]?|ancien(?:ne)?|vorher|avant|anterior)\b|更新前",
            "parameter",
        ),
        _name(
            r"\bupdated\b|\bnew\b|\bafter\b|\bnext\b|更新|\bactualizad[oa]s?\b|\bnuev[oa]s?\b"
            r"|\baktualisierte?[rns]?\b|\bneue?[rs]?\b|\bnachher\b|\bmise?s? à jour$(?<!e mise à jour)"
            r"|\bmis à jour\b|\bnouve(?:au|l|lle)s?\b|\baggiornat[oaie]\b|\batualizad[oa]s?\b|обновл"
            r"|\bbijgewerkte?\b|\buppdatera(?:d|t|de)\b|\b(?:po aktualizacji|zaktualizowan[aey])\b"
            r"|\bgüncellen(?:miş|en)\b|\bsau cập nhật\b|\bdiperbarui\b|업데이트된|갱신",
            "updated",
        ),
        _name(r"(?:[wbθ]|theta) ?(?:\d ?|\(\d\) ?)?'|\bupd\b|^updates?(?! ?[#:(]? ?\d)(?: value| result|$)", "updated"),
        _name(
            r"\bparam(?:eter)?s?\b|參數|参数|\bpar[aá]metros?\b|\bparamètres?\b|\bparametr[oiy]?\b"
            r"|\bvalues?\b|\bwerte?\b|\bvaleurs?\b|\bvalor(?:es)?\b|параметр|\bvalore\b"
            r"|パラメータ|파라미터|매개변수|\bparametre\b|\btham số\b|\bwaarde\b",
            "parameter",
        ),
        _name(
            rf"(?:{_LAYER} ?\d? ?)?(?:[wbθ]|theta|weights?|bias(?:es)?)(?: ?[(\[]?[\dt][)\]]?)?",
            "parameter",
            weak=True,
            whole=True,
        ),
    ),
    re.compile(r"quantity|row|item|what|name"),
)

FACETS: Final = (UPDATE, KIND, COLUMN, ROW)
TEMPLATE: Final = re.compile(r"(?:value|grad|update)_?layer_?[\dx]", re.IGNORECASE)
PROSE: Final = re.compile(
    r"\b(?:unchanged|dead|vanish\w*|no (?:change|update|gradient)s?|not (?:change|update|move)d?|(?:stay|remain)s?)\b"
    r"|\b(?:gradients?|derivatives?|grads?)\b[^.;]{0,60}\b(?:0|zeros?)\b|\b(?:0|zero) (?:gradient|derivative)s?\b"
    r"|不變|不变|[為为是] ?(?:0|零)|unverändert|inchangé|sin cambios?",
    re.IGNORECASE,
)
"""A sentence that stands for a table: "in the second update all gradients are 0, nothing changes"."""
LOSS: Final = re.compile(
    r"(?<![^\W\d_])(?:loss(?:es)?|cost|mse|quadratic error|squared error|errors?|pérdidas?|perdidas?|verluste?|fehler"
    r"|pertes?|coûts?|perdita|costo|perda)(?![^\W\d_])|損失|损失|誤差|误差|ошибк|потер|손실"
    r"|(?<![^\W\d_])(?:verlies|strata|kayıp|mất mát|förlust)(?![^\W\d_])"
    r"|^\W*(?:\\mathcal\s*\{?)?[lej]\}?[\s(_^{]{0,4}\d?[)}\s]{0,4}[=:]",
    re.IGNORECASE,
)
