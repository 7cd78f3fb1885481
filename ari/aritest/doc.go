// Package aritest holds package ari to its rules. It has a slow, obvious model of the picture, generators of properties, updates and
// queries, and the laws that the fast core must obey.
//
// The model is a second reading of docs/evaluation.md. It shares the contract types of package ari (scopes, fields, statements, offers)
// and not one line of its evaluation: no dated cells, no caches, no effective values. It keeps what was told as a list of statements and
// answers every question by reading the list.
package aritest
