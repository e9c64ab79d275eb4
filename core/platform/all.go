package platform

// All are the platforms in the order of the gallery.
var All = []Platform{nitejar, joai, workjet, nekro, almyty, generic}
