"""PyTorch's facts: which builds exist, who needs them, what an accelerator is called. Knows no project."""
