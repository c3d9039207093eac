"""The pages about agreement: coefficients, the evidence behind them, disagreements."""
