"""What readers see: SVG drawn from a played scenario. All arithmetic is here, none in the templates."""
