"""What users see. A format is one module: findings and outcomes in, text on a stream out."""
