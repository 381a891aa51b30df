"""How likely a count is, given a past. Pure.

The model is Bayesian Poisson with a conjugate prior, as `algo.bayes` of the R package surveillance
has it (Höhle, "surveillance: An R package for the monitoring of infectious diseases",
Computational Statistics 22, 2007): the count of a unit is Poisson with rate times exposure, the
prior of the rate Gamma(1/2, 0) (Jeffreys'), so that the next count is negative binomial. Exposure
is the number of texts of the same sources in the same time. Older days count less, by a discount
for each day (West and Harrison, "Bayesian forecasting and dynamic models", 1997, section 10.8).
"""

from __future__ import annotations

import math

from scipy.special import betainc

PRIOR = 0.5  # Jeffreys' prior of a Poisson rate
DISCOUNT = 0.95  # a day: a fortnight ago counts half
_LEAST = 1e-300


def expected(past: float, past_exposure: float, exposure: float) -> float:
    """How many the past makes likely: the mean of the predictive distribution."""
    return (past + PRIOR) / past_exposure * exposure if past_exposure > 0 else math.inf


def tail(count: float, past: float, past_exposure: float, exposure: float) -> float:
    """The chance of `count` or more now, given `past` in `past_exposure`. 1 where there is no past.

    For a negative binomial of r and p, P(Y >= y) is the regularised incomplete beta I_p(y, r).
    """
    if count <= 0 or past_exposure <= 0 or exposure <= 0:
        return 1.0
    share = exposure / (exposure + past_exposure)
    return max(float(betainc(count, past + PRIOR, share)), _LEAST)


def threshold(false_alarms_a_month: float, looks_a_day: float, tested: int) -> float:
    """The chance below which a count is no accident.

    By Bonferroni's inequality the expected number of false alarms of a look is at most this times
    what is tested, however the tests hang together; the looks of a month add up.
    """
    return false_alarms_a_month / (30.0 * looks_a_day * max(tested, 1))
