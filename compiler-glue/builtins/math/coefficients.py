#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Prints the polynomials whose functions Sollya does not have (needs python3-mpmath).

Interpolation in Chebyshev points: erf_f64.cl, stirling.h, lgamma_f64.cl.
"""
from mpmath import (mp, mpf, cos, erf, erfc, euler, exp, log, loggamma, lu_solve, matrix, nstr, pi,
                    sqrt)

mp.prec = 250


def fit(title, f, low, high, terms):
    low, high = mpf(low), mpf(high)
    points = [(low + high) / 2 + (high - low) / 2 * cos(pi * (2 * k + 1) / (2 * terms))
              for k in range(terms)]
    powers = matrix(terms, terms)
    values = matrix(terms, 1)
    for i, x in enumerate(points):
        for j in range(terms):
            powers[i, j] = x**j
        values[i] = f(x)
    coefficients = lu_solve(powers, values)
    worst = mpf(0)
    for k in range(401):
        x = low + (high - low) * k / 400
        p = sum(mpf(float(c)) * x**j for j, c in enumerate(coefficients))
        worst = max(worst, abs(p / f(x) - 1))
    print(f"// {title}: 2^{nstr(log(worst, 2), 4)}")
    for c in coefficients:
        print("  ", float(c).hex())


def erfc_scaled(t):
    x = mpf("2.5") * (1 + t) / (1 - t)
    return (1 + 2 * x) * exp(x * x) * erfc(x)


def stirling_rest(s):
    """What log(gamma(z)) has beyond Stirling's formula, times z, for s = 1 / z^2."""
    if s < mpf(10)**-12:
        return mpf(1) / 12 - s / 360
    z = 1 / sqrt(s)
    return (loggamma(z) - ((z - mpf("0.5")) * log(z) - z + log(2 * pi) / 2)) * z


def main():
    tiny = mpf(10)**-20
    fit("erf(x) / x in x^2", lambda z: erf(sqrt(z)) / sqrt(z), tiny, 1, 13)
    at = lambda x: (mpf(x) - mpf("2.5")) / (mpf(x) + mpf("2.5"))
    fit("(1 + 2 x) e^(x^2) erfc(x) in (x - 5/2) / (x + 5/2)", erfc_scaled, at("0.9"), at("27.5"), 20)
    fit("Stirling's rest", stirling_rest, 0, mpf(1) / 64, 7)
    fit("lgamma(2 + t) / t", lambda t: loggamma(2 + t) / t if abs(t) > mpf(10)**-30 else 1 - euler,
        "-0.5", 1, 20)


if __name__ == "__main__":
    main()
