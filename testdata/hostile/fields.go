package hostile

import (
	"fmt"
	"reflect"
	"time"
)

// Field is one text of a value.
type Field struct {
	Path string // "Artifacts[0].Filename"
	Set  func(text string)
}

// date is put into every time.
var date = time.Date(2026, 4, 2, 10, 11, 9, 0, time.UTC)

// Fill gives everything that p points to a harmless content, so that nothing is
// empty: pointers point, slices and maps have one element, texts say where they
// are. Numbers are 1 and booleans true.
func Fill(p any) { fill(reflect.ValueOf(p).Elem(), "", 0) }

// maxDepth bounds types that hold themselves.
const maxDepth = 16

func fill(v reflect.Value, path string, depth int) {
	if depth > maxDepth || !v.CanSet() {
		return
	}
	if v.Type() == reflect.TypeFor[time.Time]() {
		v.Set(reflect.ValueOf(date))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString("text")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(1)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(1)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), path, depth+1)
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			v.SetBytes([]byte(`{"text":["text"]}`))
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), path, depth+1)
	case reflect.Array:
		for i := range v.Len() {
			fill(v.Index(i), path, depth+1)
		}
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(key, path, depth+1)
		fill(value, path, depth+1)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), path+"."+v.Type().Field(i).Name, depth+1)
		}
	}
}

// Fields returns every text that can be reached from what p points to: strings
// of every type, bytes, and the keys and values of maps. Setting one changes
// what p points to.
func Fields(p any) []Field {
	var fields []Field
	collect(reflect.ValueOf(p).Elem(), "", &fields, map[uintptr]bool{})
	return fields
}

func collect(v reflect.Value, path string, fields *[]Field, seen map[uintptr]bool) {
	switch v.Kind() {
	case reflect.String:
		if v.CanSet() {
			*fields = append(*fields, Field{path, v.SetString})
		}
	case reflect.Pointer:
		if !v.IsNil() && !seen[v.Pointer()] {
			seen[v.Pointer()] = true
			collect(v.Elem(), path, fields, seen)
		}
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			if v.Kind() == reflect.Slice && v.CanSet() {
				*fields = append(*fields, Field{path, func(text string) { v.SetBytes([]byte(text)) }})
			}
			return
		}
		for i := range v.Len() {
			collect(v.Index(i), fmt.Sprintf("%s[%d]", path, i), fields, seen)
		}
	case reflect.Map:
		collectMap(v, path, fields)
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				collect(v.Field(i), path+"."+f.Name, fields, seen)
			}
		}
	}
}

func collectMap(v reflect.Value, path string, fields *[]Field) {
	keys := v.Type().Key()
	if keys.Kind() == reflect.String {
		*fields = append(*fields, Field{path + " (key)", func(text string) {
			for _, value := range v.MapKeys() {
				old := v.MapIndex(value)
				v.SetMapIndex(value, reflect.Value{})
				v.SetMapIndex(reflect.ValueOf(text).Convert(keys), old)
			}
		}})
	}
	if v.Type().Elem().Kind() == reflect.String {
		*fields = append(*fields, Field{path + " (value)", func(text string) {
			for _, key := range v.MapKeys() {
				v.SetMapIndex(key, reflect.ValueOf(text).Convert(v.Type().Elem()))
			}
		}})
	}
}
