/* Carries out STRUCTOPS_LIST: what struct_ops there is, whoever made it. */
#ifndef LIST_H
#define LIST_H

/* 0, or the negative errno with which the kernel refuses to tell. */
int list_is_permitted(void);

/* Writes it to standard output as the members "maps" to "pins" of a JSON object. */
void list_write(void);

#endif
