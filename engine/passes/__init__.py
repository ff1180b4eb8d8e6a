"""From patch to plan in small steps: resolve, infer, check, adapt, order, allocate, bind."""
