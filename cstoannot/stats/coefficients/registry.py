"""All measures: what each is called, needs and can do.

A new measure is an entry here and a file in this package.
"""

from cstoannot.stats.coefficients import (
    brennan_prediger,
    cohen_kappa,
    fleiss_kappa,
    gwet_ac1,
    krippendorff_alpha,
    percent_agreement,
    scott_pi,
    span_f1,
    u_alpha,
)
from cstoannot.stats.coefficients.definitions import Measure, MeasureKind
from cstoannot.stats.results import IntervalMethod

_SEGMENTS = ("sentence", "paragraph", "token", "source")
_OVER_SOURCES = (IntervalMethod.JACKKNIFE, IntervalMethod.BOOTSTRAP)
_WITH_GWET = (*_OVER_SOURCES, IntervalMethod.GWET)
_FAMILY = (
    "Krippendorff, K., Mathet, Y., Bouvry, S., & Widlöcher, A. (2016). On the reliability of "
    "unitizing textual continua: Further developments. Quality & Quantity, 50(6), 2347–2364."
)
_HRIPCSAK = (
    "Hripcsak, G., & Rothschild, A. S. (2005). Agreement, the F-measure, and reliability in "
    "information retrieval. Journal of the American Medical Informatics Association, 12(3), "
    "296–298."
)
_KRIPPENDORFF = (
    "Krippendorff, K. (2019). Content analysis: An introduction to its methodology (4th ed.). Sage."
)

_SEGMENTED = (
    Measure(
        key="percent_agreement",
        title="Percent agreement",
        citation="Fleiss, J. L. (1971). Measuring nominal scale agreement among many raters. "
        "Psychological Bulletin, 76(5), 378–382.",
        phrase="the mean share of agreeing pairs of coders, not corrected for chance",
        question="coding",
        kind=MeasureKind.UNITS,
        counts="units",
        units=_SEGMENTS,
        chance_corrected=False,
        intervals=_WITH_GWET,
        binary=percent_agreement.BINARY,
    ),
    Measure(
        key="cohen_kappa",
        title="Cohen’s κ",
        citation="Cohen, J. (1960). A coefficient of agreement for nominal scales. Educational "
        "and Psychological Measurement, 20(1), 37–46. For more than two coders: Light, R. J. "
        "(1971). Measures of response agreement for qualitative data. Psychological Bulletin, "
        "76(5), 365–377.",
        phrase="Cohen’s κ, for more than two coders the mean over their pairs",
        question="coding",
        kind=MeasureKind.UNITS,
        counts="units",
        units=_SEGMENTS,
        binary=cohen_kappa.BINARY,
    ),
    Measure(
        key="scott_pi",
        title="Scott’s π",
        citation="Scott, W. A. (1955). Reliability of content analysis: The case of nominal "
        "scale coding. Public Opinion Quarterly, 19(3), 321–325.",
        phrase="Scott’s π, for more than two coders the mean over their pairs",
        question="coding",
        kind=MeasureKind.UNITS,
        counts="units",
        units=_SEGMENTS,
        binary=scott_pi.BINARY,
    ),
    Measure(
        key="fleiss_kappa",
        title="Fleiss’ κ",
        citation="Fleiss, J. L. (1971). Measuring nominal scale agreement among many raters. "
        "Psychological Bulletin, 76(5), 378–382.",
        phrase="Fleiss’ κ",
        question="coding",
        kind=MeasureKind.UNITS,
        counts="units",
        units=_SEGMENTS,
        intervals=_WITH_GWET,
        binary=fleiss_kappa.BINARY,
    ),
    Measure(
        key="gwet_ac1",
        title="Gwet’s AC₁",
        citation="Gwet, K. L. (2008). Computing inter-rater reliability and its variance in the "
        "presence of high agreement. British Journal of Mathematical and Statistical "
        "Psychology, 61(1), 29–48.",
        phrase="Gwet’s AC₁ with two categories, the code and its absence",
        question="coding",
        kind=MeasureKind.UNITS,
        counts="units",
        units=_SEGMENTS,
        intervals=_WITH_GWET,
        binary=gwet_ac1.BINARY,
    ),
    Measure(
        key="brennan_prediger",
        title="Brennan and Prediger’s κ",
        citation="Brennan, R. L., & Prediger, D. J. (1981). Coefficient kappa: Some uses, misuses, "
        "and alternatives. Educational and Psychological Measurement, 41(3), 687–699.",
        phrase="Brennan and Prediger’s κ with two categories, the code and its absence, each "
        "equally likely by chance",
        question="coding",
        kind=MeasureKind.UNITS,
        counts="units",
        units=_SEGMENTS,
        binary=brennan_prediger.BINARY,
    ),
    Measure(
        key="krippendorff_alpha",
        title="Krippendorff’s α",
        citation=_KRIPPENDORFF,
        phrase="Krippendorff’s α for nominal data",
        question="coding",
        kind=MeasureKind.UNITS,
        has_limits=True,
        counts="units",
        units=_SEGMENTS,
        intervals=(*_OVER_SOURCES, IntervalMethod.KRIPPENDORFF, IntervalMethod.GWET),
        binary=krippendorff_alpha.BINARY,
    ),
)

_SETS = (
    Measure(
        key="set_alpha_masi",
        title="Sets of codes: Krippendorff’s α, MASI",
        citation="Passonneau, R. (2006). Measuring agreement on set-valued items (MASI) for "
        "semantic and pragmatic annotation. In Proceedings of LREC 2006 (pp. 831–836). ELRA. For "
        "α: Krippendorff, K. (2019). Content analysis: An introduction to its methodology (4th "
        "ed.). Sage.",
        phrase="Krippendorff’s α of the set of codes of each unit, with MASI distance",
        question="coding",
        kind=MeasureKind.UNITS,
        counts="units",
        units=_SEGMENTS,
        all_codes=True,
        has_limits=True,
        intervals=(IntervalMethod.JACKKNIFE,),
        binary=krippendorff_alpha.BINARY,
    ),
    Measure(
        key="set_alpha_jaccard",
        title="Sets of codes: Krippendorff’s α, Jaccard",
        citation=_KRIPPENDORFF,
        phrase="Krippendorff’s α of the set of codes of each unit, with Jaccard distance",
        question="coding",
        kind=MeasureKind.UNITS,
        counts="units",
        units=_SEGMENTS,
        all_codes=True,
        has_limits=True,
        intervals=(IntervalMethod.JACKKNIFE,),
        binary=krippendorff_alpha.BINARY,
    ),
)

_CONTINUUM = (
    Measure(
        key="u_alpha",
        title="Krippendorff’s uα, pooled over codes",
        citation=_FAMILY,
        phrase="Krippendorff’s unitizing uα of each code",
        question="unitizing",
        kind=MeasureKind.CHARACTERS,
        has_limits=True,
        counts="passages",
        binary=u_alpha.BINARY,
    ),
    Measure(
        key="joint_u_alpha",
        title="Krippendorff’s uα, joint",
        citation=_FAMILY,
        phrase="Krippendorff’s joint unitizing uα of all codes, by code (k)uα",
        question="unitizing",
        kind=MeasureKind.PARTITION,
        has_limits=True,
        counts="passages",
        all_codes=True,
    ),
    Measure(
        key="bar_u_alpha",
        title="Krippendorff’s |uα, joint",
        citation=_FAMILY,
        phrase="Krippendorff’s |uα, whether the same text was marked with any code",
        question="unitizing",
        kind=MeasureKind.CHARACTERS,
        has_limits=True,
        counts="passages",
        all_codes=True,
        binary=u_alpha.BINARY,
    ),
    Measure(
        key="cu_alpha",
        title="Krippendorff’s cuα, joint",
        citation=_FAMILY,
        phrase="Krippendorff’s cuα, the coding of what two coders both marked",
        question="coding",
        kind=MeasureKind.PARTITION,
        has_limits=True,
        counts="passages",
        all_codes=True,
    ),
    Measure(
        key="ku_alpha",
        title="Krippendorff’s (k)uα",
        citation=_FAMILY,
        phrase="Krippendorff’s (k)uα of each code, overall cuα",
        question="coding",
        kind=MeasureKind.PARTITION,
        has_limits=True,
        counts="passages",
        all_codes=True,
    ),
    Measure(
        key="u_alpha_1995",
        title="Krippendorff’s α_U (1995)",
        citation="Krippendorff, K. (1995). On the reliability of unitizing continuous data. "
        "Sociological Methodology, 25, 47–76; in the form of Krippendorff, K. (2004). Measuring "
        "the reliability of qualitative text analysis data. Quality & Quantity, 38, 787–800.",
        phrase="Krippendorff’s α_U of 1995 in the form of 2004, as INCEpTION computes it",
        question="unitizing",
        kind=MeasureKind.SECTIONS,
        has_limits=True,
        counts="passages",
        intervals=(IntervalMethod.JACKKNIFE,),
    ),
)

_SPANS = (
    Measure(
        key="f1_exact",
        title="F1, same bounds",
        citation=_HRIPCSAK,
        phrase="F1 of passages with the same code and bounds",
        question="unitizing",
        kind=MeasureKind.PASSAGES,
        counts="passages",
        chance_corrected=False,
        binary=span_f1.DICE,
    ),
    Measure(
        key="f1_overlap",
        title="F1, any overlap",
        citation=_HRIPCSAK,
        phrase="F1 of passages that share text with one of the same code",
        question="unitizing",
        kind=MeasureKind.MEETINGS,
        counts="passages",
        chance_corrected=False,
        binary=span_f1.OVERLAP,
    ),
    Measure(
        key="f1_characters",
        title="F1, by characters",
        citation=_HRIPCSAK,
        phrase="F1 of characters marked with the same code",
        question="unitizing",
        kind=MeasureKind.CHARACTERS,
        counts="passages",
        chance_corrected=False,
        binary=span_f1.DICE,
    ),
)

_LABELS = (
    Measure(
        key="stance_alpha",
        title="Stance: Krippendorff’s α",
        citation=_KRIPPENDORFF,
        phrase="Krippendorff’s α of the stance, over passages that two coders coded alike",
        question="stance",
        kind=MeasureKind.LABELS,
        has_limits=True,
        counts="shared passages",
    ),
    Measure(
        key="voice_alpha",
        title="Voice: Krippendorff’s α",
        citation=_KRIPPENDORFF,
        phrase="Krippendorff’s α of the voice, over passages that two coders coded alike",
        question="voice",
        kind=MeasureKind.LABELS,
        has_limits=True,
        counts="shared passages",
    ),
)

MEASURES: dict[str, Measure] = {
    measure.key: measure for measure in (*_SEGMENTED, *_SETS, *_CONTINUUM, *_SPANS, *_LABELS)
}
